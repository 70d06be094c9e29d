package demo

import (
	"hotline/cti/id"
	"hotline/internal/site"
)

// Line is the toll-free number of the demo company, and Flow is what answers it.
const (
	Line = "+886800000123"
	Flow = "main"
)

// Password opens every demo account.
const Password = "haori-demo-2026"

// The queues.
const (
	order   id.QueueID = "order"
	service id.QueueID = "service"
	member  id.QueueID = "member"
)

var queues = []site.Queue{
	{ID: order, NameZH: "訂購", NameEN: "Orders", WrapUpS: 45, Position: 1},
	{ID: service, NameZH: "售後服務", NameEN: "After-sales service", WrapUpS: 90, Position: 2},
	{ID: member, NameZH: "會員", NameEN: "Membership", WrapUpS: 60, Position: 3},
}

// menuWord is what a caller chose to get into the queue.
var menuWord = map[id.QueueID]string{order: "訂購", service: "售後服務", member: "會員"}

var teams = []site.Team{
	{ID: "order", Name: "訂購組"},
	{ID: "service", Name: "售後服務組"},
	{ID: "member", Name: "會員組"},
}

// person is one who works there.
type person struct {
	site.User
	queues []id.QueueID
	skill  float64 // 0.6 to 1.4: how satisfied callers are; 1 is usual
}

func worker(login, name, role, scope, team string, skill float64, queues ...id.QueueID) person {
	return person{site.User{Login: login, Name: name, Role: role, Scope: scope, TeamID: team}, queues, skill}
}

var people = []person{
	worker("yijun", "陳怡君", site.RoleAgent, site.ScopeOwn, "order", 1.2, order, member),
	worker("guanyu", "林冠宇", site.RoleAgent, site.ScopeOwn, "order", 1.0, order),
	worker("yating", "黃雅婷", site.RoleAgent, site.ScopeOwn, "order", 1.3, order, service),
	worker("zhihao", "張志豪", site.RoleAgent, site.ScopeOwn, "order", 0.8, order),
	worker("meiling", "李美玲", site.RoleAgent, site.ScopeOwn, "service", 1.4, service),
	worker("junhong", "王俊宏", site.RoleAgent, site.ScopeOwn, "service", 1.0, service, order),
	worker("shufen", "吳淑芬", site.RoleAgent, site.ScopeOwn, "service", 0.9, service, member),
	worker("chengen", "劉承恩", site.RoleAgent, site.ScopeOwn, "service", 0.7, service),
	worker("peishan", "蔡佩珊", site.RoleAgent, site.ScopeOwn, "member", 1.1, member, order),
	worker("boxiang", "楊博翔", site.RoleAgent, site.ScopeOwn, "member", 1.0, member, service),
	worker("huiwen", "許惠雯", site.RoleSupervisor, site.ScopeAll, "order", 1.2, order, service, member),
	worker("jianming", "鄭建明", site.RoleSupervisor, site.ScopeTeam, "service", 1.1, service),
	worker("shihan", "謝詩涵", site.RoleQA, site.ScopeAll, "", 0),
	worker("admin", "郭彥廷", site.RoleAdmin, site.ScopeAll, "", 0),
}

var reasons = []site.Label{
	{Code: "break", LabelZH: "休息", LabelEN: "Break"},
	{Code: "meal", LabelZH: "用餐", LabelEN: "Meal"},
	{Code: "meeting", LabelZH: "會議", LabelEN: "Meeting"},
	{Code: "training", LabelZH: "教育訓練", LabelEN: "Training"},
	{Code: "outbound", LabelZH: "外撥", LabelEN: "Calling out"},
	{Code: "paperwork", LabelZH: "文書作業", LabelEN: "Paperwork"},
}

// The dispositions.
const (
	solved    = "solved"
	sold      = "sold"
	callback  = "callback"
	toCase    = "case"
	complaint = "complaint"
	cutOff    = "cut_off"
	invalid   = "invalid"
)

var dispositions = []site.Label{
	{Code: solved, LabelZH: "已解決", LabelEN: "Solved"},
	{Code: sold, LabelZH: "成交", LabelEN: "Sold"},
	{Code: callback, LabelZH: "需回電", LabelEN: "Call back"},
	{Code: toCase, LabelZH: "轉案件", LabelEN: "Case opened"},
	{Code: complaint, LabelZH: "客訴", LabelEN: "Complaint"},
	{Code: cutOff, LabelZH: "通話中斷", LabelEN: "Cut off"},
	{Code: invalid, LabelZH: "無效來電", LabelEN: "Not a customer call"},
}

type product struct {
	id, name, nameEN string
	price            int // NT$
	category         string
}

var products = []product{
	{"K101", "多功能電子鍋", "Multi rice cooker", 3980, "kitchen"},
	{"K102", "不沾平底鍋", "Non-stick frying pan", 1280, "kitchen"},
	{"K103", "果汁機", "Blender", 2480, "kitchen"},
	{"K104", "琺瑯鑄鐵鍋", "Enamelled cast-iron pot", 4680, "kitchen"},
	{"K105", "不鏽鋼保溫瓶", "Steel vacuum flask", 880, "kitchen"},
	{"K106", "氣炸鍋", "Air fryer", 3280, "kitchen"},
	{"K107", "玻璃保鮮盒八件組", "Glass food boxes, set of 8", 1190, "kitchen"},
	{"B201", "羽絨棉被", "Down quilt", 5980, "bedding"},
	{"B202", "記憶枕", "Memory-foam pillow", 1680, "bedding"},
	{"B203", "純棉床包組", "Cotton bed linen", 2180, "bedding"},
	{"B204", "獨立筒床墊", "Pocket-spring mattress", 12900, "bedding"},
	{"B205", "涼感毯", "Cooling blanket", 1480, "bedding"},
	{"A301", "除濕機", "Dehumidifier", 8900, "appliance"},
	{"A302", "空氣清淨機", "Air purifier", 7680, "appliance"},
	{"A303", "循環扇", "Circulation fan", 1980, "appliance"},
	{"A304", "陶瓷電暖器", "Ceramic heater", 2680, "appliance"},
	{"A305", "蒸氣熨斗", "Steam iron", 1780, "appliance"},
	{"C401", "無線吸塵器", "Cordless vacuum cleaner", 6980, "cleaning"},
	{"C402", "旋轉拖把組", "Spin mop set", 990, "cleaning"},
	{"C403", "洗衣膠囊六十入", "Laundry capsules, 60", 599, "cleaning"},
	{"S501", "抽屜收納櫃", "Drawer cabinet", 2280, "storage"},
	{"S502", "真空壓縮袋", "Vacuum storage bags", 390, "storage"},
	{"S503", "伸縮曬衣架", "Folding drying rack", 1390, "storage"},
	{"H601", "珪藻土地墊", "Diatomite bath mat", 690, "bath"},
}

// topic is something people ring about. {} in its words is a product.
type topic struct {
	subject, note string
	dispositions  []string // one of them
	annoyance     float64  // 0 pleased to 1 angry
}

// topics are listed the oftener the more they come up.
var topics = map[id.QueueID][]topic{
	order: {
		{"訂購：{}", "訂購{}一件，貨到付款。", []string{sold}, 0.05},
		{"訂購：{}", "訂購{}，信用卡三期，已寄出確認簡訊。", []string{sold}, 0.05},
		{"詢問現貨：{}", "{}有現貨，已告知約三個工作天送達。", []string{solved}, 0.1},
		{"訂單狀態查詢", "已出貨，預計明日送達，請司機先致電。", []string{solved}, 0.3},
		{"訂單狀態查詢：{}", "{}配送中，已提供物流單號。", []string{solved}, 0.3},
		{"更改收件地址", "已更正門牌並通知出貨單位。", []string{solved}, 0.2},
		{"取消訂單：{}", "尚未出貨，已協助取消並說明退款時程。", []string{solved}, 0.3},
		{"大量採購報價：{}", "需業務提供報價，約定明日上午回電。", []string{callback}, 0.1},
	},
	service: {
		{"退換貨：{}", "收到時外盒受壓、商品有裂痕，已安排到府收件換新。", []string{solved, toCase}, 0.5},
		{"保固維修：{}", "{}仍在保固期內，已安排送修，約七個工作天。", []string{solved, solved, toCase}, 0.4},
		{"使用問題：{}", "已說明{}的操作步驟，客戶自行排除。", []string{solved}, 0.2},
		{"退款進度查詢", "退款已送銀行，約七至十個工作天入帳，今日內回覆進度。", []string{callback, solved, complaint}, 0.8},
		{"缺件：{}", "{}缺少配件，已安排補寄。", []string{solved}, 0.4},
		{"配送延遲：{}", "已向物流查詢，請客戶稍候並致歉。", []string{callback, complaint, toCase}, 0.8},
	},
	member: {
		{"會員點數查詢", "已告知剩餘點數與到期日。", []string{solved}, 0.05},
		{"更新會員資料", "已更新手機號碼與電子郵件。", []string{solved}, 0.1},
		{"生日禮券未收到", "已重新寄送生日禮券。", []string{solved}, 0.4},
		{"會員等級與優惠", "已說明升等條件與本月優惠。", []string{solved}, 0.1},
		{"無法登入官網", "已協助重設密碼，登入正常。", []string{solved, callback}, 0.3},
	},
}

// enquiries come by other channels than the phone.
var enquiries = []topic{
	{subject: "詢問{}的尺寸與顏色"},
	{subject: "詢問{}是否有優惠"},
	{subject: "索取電子發票"},
	{subject: "反映官網結帳問題"},
	{subject: "詢問{}的保固"},
	{subject: "感謝客服人員的協助"},
}

// caseTitles are what a case is about.
var caseTitles = []string{
	"{}到貨破損，要求換新", "{}故障送修逾期未回", "{}退款尚未入帳", "{}配送延遲多次改期", "{}與網頁說明不符",
}

var preferences = []string{
	"", "", "", "", "偏好下午聯絡", "請以 LINE 聯絡", "送貨前請先致電", "收件請放管理室", "偏好貨到付款", "請勿於用餐時間來電",
}
